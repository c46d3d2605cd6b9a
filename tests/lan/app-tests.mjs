/** The built app on LANs in network namespaces; empty until its screens stand. */
export const appTests = [];
