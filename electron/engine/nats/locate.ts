/** Where the nats-server program is. */
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Servers are installed here, and the PATH of an ordinary account leaves these folders out. */
const systemFolders = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin', '/sbin']
const programName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'

export interface Places {
  /** The path that the person configured: when it is given, nothing else is tried. */
  readonly configured?: string
  /** The program that came with the bench. */
  readonly packaged?: string
  /** The PATH to search; the process's own when not given. */
  readonly path?: string
}

/** The program to start, or why there is none. */
export async function locateServer(places: Places): Promise<{ program: string } | { absent: string }> {
  const { configured, packaged, path = process.env['PATH'] ?? '' } = places
  if (configured !== undefined) {
    if (await isProgram(configured)) return { program: configured }
    return { absent: `The configured nats-server ${configured} is not a program that can be run.` }
  }
  const folders = [...path.split(delimiter).filter(Boolean), ...systemFolders]
  const candidates = [
    ...(packaged === undefined ? [] : [packaged]),
    ...folders.map((folder) => join(folder, programName)),
  ]
  for (const program of candidates) if (await isProgram(program)) return { program }
  return {
    absent:
      'No nats-server is installed: credentials and access rules are kept in the workspace alone. Install it ' +
      '(Debian: apt-get install nats-server) or give its path in the NATS settings.',
  }
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
