/** How the agents of `oktobench simulate` connect, with what the files of its options hold. */
import { readFile } from 'node:fs/promises'
import type { Broker, Identity } from '../engine/simulator/mqtt-options.ts'
import { errorCode } from '../engine/workspace/files.ts'
import { version } from '../common/launch.ts'
import { UsageError } from '../common/options.ts'
import type { SimulateOptions } from './simulate-options.ts'

export interface SimulateConnection {
  readonly broker: Broker
  /** Of agent n, from 1. */
  readonly identity: (n: number) => Identity
}

/** Rejects with a UsageError that names the option whose file cannot be used. */
export async function readConnection(options: SimulateOptions): Promise<SimulateConnection> {
  const { host, port, isTls, mqtt, user, publishQos, requestsResponseInformation, endpointId } = options
  const [password, ca] = await Promise.all([
    options.passwordFile === undefined ? undefined : readPassword(options.passwordFile),
    options.ca === undefined ? undefined : readNamed('--ca', options.ca),
  ])
  return {
    broker: { host, port, isTls, ...(ca && { ca }) },
    identity(n) {
      const id = endpointId(n)
      const name = user ?? (password === undefined ? undefined : id)
      return {
        endpointId: id,
        mqtt,
        version,
        publishQos,
        requestsResponseInformation,
        ...(name !== undefined && { user: name }),
        ...(password !== undefined && { password }),
      }
    },
  }
}

async function readPassword(file: string): Promise<string> {
  const [first = ''] = (await readNamed('--password-file', file)).toString('utf8').split(/\r?\n/)
  if (first === '') throw new UsageError(`--password-file: the first line of ${file} is empty.`)
  return first
}

/** A file that an option names. */
export async function readNamed(flag: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`${flag}: ${file} cannot be read (${errorCode(error) ?? 'error'}).`, {
      cause: error,
    })
  }
}
