/** The core and the browser's surfaces come to components by context, never as a module's variable: a test can hold three offices at once. */
import { createContext } from 'svelte';
import type { Files } from '../sync/files.ts';
import type { Landline } from '../sync/landline.ts';
import type { Office } from '../sync/office.ts';
import type { Appearance } from './view/appearance.svelte.ts';
import type { Remembered } from './view/remembered.svelte.ts';
import type { Notifier } from './view/notifier.svelte.ts';
import type { WorkerWatch } from './view/service-worker.svelte.ts';

export const [landlineContext, provideLandline] = createContext<Landline>();
export const [officeContext, provideOffice] = createContext<Office>();
export const [appearanceContext, provideAppearance] = createContext<Appearance>();
export const [workerContext, provideWorker] = createContext<WorkerWatch>();
export const [rememberedContext, provideRemembered] = createContext<Remembered>();
export const [notifierContext, provideNotifier] = createContext<Notifier>();
export const filesContext = (): Files => officeContext().files;
