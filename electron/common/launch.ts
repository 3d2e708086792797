/** What every way to start a bench agrees on. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { version } from '../../package.json'

export { version }

type Environment = Readonly<Record<string, string | undefined>>

/** The folder of the workspace: as given, else `OKTOBENCH_WORKSPACE`, else `~/Oktobench`. */
export function workspaceFolder(given: string | undefined, environment: Environment): string {
  return resolve(given ?? (environment['OKTOBENCH_WORKSPACE'] || join(homedir(), 'Oktobench')))
}
