/** What was open where, while the office is: who looks at the placard and comes back finds the conversation as it was. */
import { StorageKeeper } from './persist.ts';

export class Remembered {
	conversation = $state<string>();
	readonly storage = new StorageKeeper();
}
