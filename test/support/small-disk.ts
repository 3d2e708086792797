/**
 * A file system of a few MiB that can really be full. It is a tmpfs in a mount namespace of its own, which ends
 * with the process that holds it: nothing is left behind, not even after a crash.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  /** Path of its root, for this process as well. */
  readonly path: string
  unmount(): Promise<void>
}

/** As root, or as whoever may be root in a namespace of users. */
const ways = [['--mount'], ['--user', '--map-root-user', '--mount']] as const
const mount = 'mount -t tmpfs -o "size=$2" none "$1"'

const way = ways.find(
  (options) =>
    process.platform === 'linux' &&
    spawnSync('unshare', [...options, 'sh', '-c', mount, 'sh', '/mnt', '1m'], { stdio: 'ignore' }).status ===
      0,
)

/** Undefined where this machine does not allow it; else for `test.runIf`. */
export const canMountSmallDisk = way !== undefined

export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-disk-'))
  // It reads on until its input ends, which is when the test's process ends, at the latest.
  const script = `${mount} && echo mounted && cat`
  const args = [...(way ?? []), 'sh', '-c', script, 'sh', folder, `${mebibytes}m`]
  const holder: ChildProcess = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  const [first] = (await Promise.race([once(holder.stdout as NodeJS.ReadableStream, 'data'), ended])) as [
    unknown,
  ]
  if (!String(first).startsWith('mounted')) throw new Error('The small disk could not be mounted.')
  return {
    path: join('/proc', String(holder.pid), 'root', folder),
    async unmount() {
      holder.stdin?.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
