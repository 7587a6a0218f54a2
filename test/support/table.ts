/** One row of a table of folders (or guests) and backends. */
export interface Row {
  readonly name: string;
  readonly worst: Record<string, number>;
}

/** Prints the largest difference of every row and column. */
export function printTable(title: string, first: string, rows: readonly Row[]): void {
  const names = [...new Set(rows.flatMap(({ worst }) => Object.keys(worst)))];
  const width = Math.max(10, ...names.map((name) => name.length + 2));
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(38)}${cells
      .slice(1)
      .map((cell) => cell.padStart(width))
      .join('')}`;
  const show = (value: number | undefined): string => (value === undefined ? '–' : value.toExponential(1));
  const lines = rows.map(({ name, worst }) => line([name, ...names.map((column) => show(worst[column]))]));
  console.log([title, line([first, ...names]), ...lines].join('\n'));
}
