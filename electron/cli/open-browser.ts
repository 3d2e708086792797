/** Opens the bench in the person's browser without showing its token to other users of the machine. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/**
 * A command line can be read by everybody: the browser is given the path of a private file that leads on to
 * `url`. Answers the function that removes it. Rejects when no browser can be started.
 */
export async function openBrowser(url: string): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-'))
  const file = join(folder, 'open.html')
  const page = `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><title>Oktobench</title>\n`
  await writeFile(file, page, { mode: 0o600 })
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  try {
    await new Promise<void>((resolve, reject) => {
      const opener = spawn(program, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true })
      opener.once('error', reject)
      opener.once('spawn', resolve)
      opener.unref()
    })
    return remove
  } catch (error) {
    await remove()
    throw error
  }
}
