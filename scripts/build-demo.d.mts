export { CONTENT_SECURITY_POLICY, serve } from './serve.mjs';
export function buildDemo(outDir: string): Promise<void>;
