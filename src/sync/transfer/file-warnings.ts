/**
 * What there is to tell of a file before it is opened: by its name alone where only that is known, by its first bytes too where they are
 * here. The receiver's own device judges; what the sender says of a file decides nothing.
 */
import type { FileWarning } from '../files.ts';
import { hasInvisible } from '../office/members/skeleton.ts';
import { fileType, mustBegin } from './file-types.ts';

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** What Windows, macOS or Linux run, install or follow when it is opened. */
const running = set(
	`exe com scr pif cpl dll ocx xll sys drv msi msp mst msix msixbundle appx appxbundle appinstaller application bat cmd ps1 psm1 ps1xml psd1 vb vbs vbe js jse mjs ws wsf wsc wsh
	hta reg inf scf lnk url library-ms settingcontent-ms searchconnector-ms theme themepack diagcab diagpkg gadget msc chm hlp jar jnlp class dex apk ipa app dmg pkg mpkg command tool workflow action scpt applescript
	terminal sh bash zsh fish csh ksh run bin out elf so dylib appimage deb rpm flatpakref snap desktop py pyw pyz pl rb php iso img vhd vhdx xpi crx rdp osx`,
);
/** Office documents whose macros run. */
const withMacros = set('docm dotm xlsm xltm xlam xlsb xla pptm potm ppam ppsm ppa sldm vsdm vstm vssm wll mdb accdb accde ade adp mde odb');
/** What a name pretends to be in front of its real ending. */
const harmless = set(
	'pdf doc docx xls xlsx ppt pptx odt ods odp rtf txt csv md log xml json jpg jpeg png gif bmp webp svg heic tif tiff mp3 wav m4a flac ogg mp4 mov avi mkv webm zip rar 7z tar gz eml msg ics vcf html htm',
);
/** What may begin with markup and is read as text all the same. */
const texts = set('txt md log csv xml json eml');
/** A page that runs in whatever opens it. */
const pages = set('html htm xhtml xht mht mhtml shtml svg');

/** Endings after the first dot, lower case, without the blanks and dots that hide the last. */
function endingsOf(name: string): readonly string[] {
	return name
		.toLowerCase()
		.replace(/[\s.\u200b-\u200f\u202a-\u202e\u2066-\u2069]+$/u, '')
		.split('.')
		.slice(1)
		.map((ending) => ending.trim());
}

/**
 * @param head the first bytes, `headBytes` of them or the whole file; undefined while it is not here
 * @returns each at most once, the gravest first
 */
export function fileWarnings(name: string, head?: Uint8Array): readonly FileWarning[] {
	const endings = endingsOf(name);
	const last = endings.at(-1) ?? '';
	const type = head && fileType(head);
	const warnings: FileWarning[] = [];
	if (running.has(last) || type?.runs === true) warnings.push('executable');
	if (withMacros.has(last)) warnings.push('macros');
	const before = endings.at(-2) ?? '';
	if (harmless.has(before) && before !== last && (running.has(last) || withMacros.has(last) || pages.has(last))) warnings.push('double-ending');
	if (hasInvisible(name)) warnings.push('hidden-letters');
	if (head !== undefined && head.length > 0 && differs(last, type)) warnings.push('type-differs');
	return warnings;
}

function differs(ending: string, type: ReturnType<typeof fileType>): boolean {
	if (ending === '') return false;
	if (mustBegin(ending)) return !type?.endings.includes(ending);
	// A page or a program under the ending of something else.
	if (type?.runs === true) return !type.endings.includes(ending) && !running.has(ending);
	return type?.mediaType === 'text/html' && harmless.has(ending) && !pages.has(ending) && !texts.has(ending);
}

/** Whether a policy at the receiver refuses such a file: it is neither fetched nor saved. */
export const isRefused = (refused: readonly FileWarning[], warnings: readonly FileWarning[]): boolean => warnings.some((warning) => refused.includes(warning));
