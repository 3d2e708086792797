/** A data model of any size, to see how controllers and the bench bear large devices. */
import { routerModel } from './router.ts'

/** Rows of one table; more rows make more tables. */
const ROWS = 500
const PARAMETERS = 10
/** Parameters a model may be asked to have. */
export const MAX_PARAMETERS = 100_000

/** The description of a router with at least so many parameters more than the usual one has. */
export function largeModel(parameters: number): string {
  const lines = [routerModel, 'Device.X_OKTOBENCH_Load.']
  const rows = Math.ceil(parameters / PARAMETERS)
  const tables = Math.ceil(rows / ROWS)
  for (let table = 1; table <= tables; table++) {
    lines.push(`Device.X_OKTOBENCH_Load.Table${table}.{i}. add delete keys Alias`, '  Alias string rw once')
    lines.push('  Enable boolean rw = true', '  Counter unsignedLong quiet = 4711')
    for (let at = 4; at <= PARAMETERS; at++)
      lines.push(`  Value${at} string rw = a value of some length ${at}`)
  }
  for (let row = 0; row < rows; row++) {
    const path = `Device.X_OKTOBENCH_Load.Table${Math.floor(row / ROWS) + 1}.${(row % ROWS) + 1}.`
    lines.push(`${path}Alias "row-${row + 1}"`)
  }
  return lines.join('\n')
}
