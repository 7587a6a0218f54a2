export const CONTENT_SECURITY_POLICY: string;
export const ISOLATION: Readonly<Record<string, string>>;

export function serve(
  dir: string,
  options?: { port?: number; base?: string; headers?: Record<string, string> },
): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }>;
