/** Files that were dropped or pasted: never folders, which are shared and not sent. */
export function filesOf(data: DataTransfer | null): readonly File[] {
	if (!data) return [];
	return [...data.items].flatMap((item) => {
		if (item.kind !== 'file' || item.webkitGetAsEntry()?.isDirectory === true) return [];
		const file = item.getAsFile();
		return file ? [file] : [];
	});
}
