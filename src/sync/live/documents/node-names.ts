/**
 * What a note consists of: the names of the closed schema, which the editor of `src/lib` builds its own from. Anything else is not a
 * note's, and an update that brings it is refused before it is applied: the editor's binding deletes what it does not know, for everybody.
 */
export const nodeNames: ReadonlySet<string> = new Set(['paragraph', 'heading', 'bulletList', 'orderedList', 'listItem', 'blockquote', 'codeBlock', 'hardBreak', 'horizontalRule']);
export const markNames: ReadonlySet<string> = new Set(['bold', 'italic', 'strike', 'code', 'link', 'underline']);
