/** What a build warned of, without Rolldown's remark that the machine is slow. */
export function withoutTimings(stderr: string): string {
  return stderr.replaceAll(/^.*\[PLUGIN_TIMINGS\][\s\S]*?for more details\.\S*\s*/gm, '');
}
