/**
 * How large a live document may be. y-webrtc drops what is over 256 KiB without a word, and Chromium's channels carry no more in one message;
 * the whole state goes in one when two first meet, so all of it has to stay well below.
 */

/** Above this nothing more is written here; taking away is still possible. */
export const fullBytes = 128 * 1024;
/** Above this nothing more is taken from others: two who fill it at the same time still fit. */
export const maxStateBytes = 192 * 1024;
/** One message of a room: the whole state and its frame. */
export const maxMessageBytes = maxStateBytes + 1024;
/** Everybody's cursors. */
export const maxAwarenessBytes = 32 * 1024;
/** What somebody says they have: 12 bytes at most for each of `maxClients`. */
export const maxVectorBytes = 48 * 1024;
/** Each time somebody opens a document and writes makes one. */
export const maxClients = 4_096;
/** Pieces of text and marks, deleted ones too, in one update. */
export const maxStructs = 65_536;
/** Cursors, those of people who have gone included. */
export const maxWriters = 512;
