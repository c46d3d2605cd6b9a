/** The mesh of an office's devices over WebRTC (PROTOCOL.md, sections 7 and 8; DESIGN.md D3, D5, D6). */
export type { GenerationKeys, LinkInfo, Mesh, MeshKeys, MeshPort, MeshStats } from './mesh-port.ts';
