/** A place where files may be dropped. It tells while they hang over it, and leaves alone what a zone inside of it has taken. */
import type { Attachment } from 'svelte/attachments';
import { bringsFiles } from '../../view/local-tree.ts';

export interface DropZone {
	readonly accepts: () => boolean;
	readonly over: (isOver: boolean) => void;
	/** In the event's handler: what was dropped is gone after it. */
	readonly drop: (data: DataTransfer) => void;
}

export const dropZone = ({ accepts, over, drop }: DropZone): Attachment<HTMLElement> => (zone) => {
	const hangs = (event: DragEvent): void => {
		if (event.defaultPrevented || !bringsFiles(event.dataTransfer) || !accepts()) return;
		event.preventDefault();
		over(true);
	};
	const leaves = (event: DragEvent): void => {
		if (!(event.relatedTarget instanceof Node) || !zone.contains(event.relatedTarget)) over(false);
	};
	const dropped = (event: DragEvent): void => {
		over(false);
		if (event.defaultPrevented || !bringsFiles(event.dataTransfer) || !accepts() || !event.dataTransfer) return;
		event.preventDefault();
		drop(event.dataTransfer);
	};
	zone.addEventListener('dragover', hangs);
	zone.addEventListener('dragleave', leaves);
	zone.addEventListener('drop', dropped);
	return () => {
		zone.removeEventListener('dragover', hangs);
		zone.removeEventListener('dragleave', leaves);
		zone.removeEventListener('drop', dropped);
	};
};
