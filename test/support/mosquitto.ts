/** A real Mosquitto on loopback, in a folder of its own. User names count, passwords are not asked for. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { requireTool } from './tools.ts'

export interface Mosquitto {
  readonly port: number
  stop(): Promise<void>
}

export interface MosquittoWish {
  /** Access rules; without any everybody may do everything. */
  readonly acl?: string
  /** Lines of its configuration beside those below. */
  readonly more?: readonly string[]
  /** A free one, unless said otherwise. */
  readonly port?: number
}

/** Rejects with what it said when it does not start. */
export async function startMosquitto({
  acl,
  more = [],
  port: wished,
}: MosquittoWish = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-mosquitto-'))
  const port = wished ?? (await freePort())
  const [aclFile, config] = [join(folder, 'acl'), join(folder, 'mosquitto.conf')]
  if (acl !== undefined) await writeFile(aclFile, acl)
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    ...(acl === undefined ? [] : [`acl_file ${aclFile}`]),
    'log_dest stderr',
    // Started by root it would change to a user that cannot read the folder.
    `user ${userInfo().username}`,
    ...more,
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  const child = spawn(requireTool('mosquitto'), ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    if (!/mosquitto version .* running/.test(line)) continue
    // Nobody reads on: a full pipe would stop the broker.
    child.stderr.resume()
    return { port, stop }
  }
  await stop()
  throw new Error(`Mosquitto did not start: ${said.join('\n')}\n${acl ?? ''}`)
}
