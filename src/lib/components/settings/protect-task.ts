/** What a person does to the protection of this device. */
export type ProtectTask = 'set' | 'remove' | 'add-passkey' | 'remove-passkeys' | 'code';
