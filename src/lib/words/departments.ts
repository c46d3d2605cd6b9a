/** The parts of the office. */

export const departments = {
	open: 'Departments',
	lede: 'Who belongs where. Notices and folders can be for one department, and everybody sees whose colleague one is.',
	none: 'There are no departments yet.',
	add: 'New department',
	name: 'Department name',
	people: 'People in it',
	edit: (name: string) => `Edit ${name}`,
	editShort: 'Edit',
	count: (people: number) => (people === 0 ? 'Nobody' : people === 1 ? '1 person' : `${String(people)} people`),
	saved: (name: string) => `${name} is saved.`,
	dissolve: 'Dissolve',
	dissolveTitle: (name: string) => `Dissolve ${name}?`,
	dissolveText: 'Nobody loses their place in the office. What was for this department alone reaches nobody new.',
	dissolved: (name: string) => `${name} is dissolved.`,
	byManagers: 'Managers put you in it.',
};
