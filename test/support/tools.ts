/**
 * Programs that some tests run beside the bench. A suite that needs one which this machine lacks is skipped and
 * says which Debian package brings it; with `CI=true` it fails instead, so that nothing is left out unseen.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'

/** Debian package → the programs of it that tests use. */
const packages = {
  chromium: ['chromium'],
  mosquitto: ['mosquitto'],
  'mosquitto-clients': ['mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr'],
  tshark: ['tshark', 'editcap', 'capinfos'],
  'nats-server': ['nats-server'],
  iproute2: ['ip'],
  openssl: ['openssl'],
  python3: ['python3'],
  'libxml2-utils': ['xmllint'],
} as const

export type DebianPackage = keyof typeof packages
export type Tool = (typeof packages)[DebianPackage][number]

/** Servers are installed here, and the PATH of an ordinary account leaves these folders out. */
const systemFolders = process.platform === 'win32' ? [] : ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Path of a program, or undefined where it is not installed. */
export function tool(name: Tool): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...systemFolders]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** Path of a program that must be there: use it inside a test of a suite made with `describeWith`. */
export function requireTool(name: Tool): string {
  const path = tool(name)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return path
}

/** `describe` for a suite that needs the programs of these packages. `npm test` reads the name of a skipped one. */
export function describeWith(needed: readonly DebianPackage[], name: string, suite: () => void): void {
  const missing = needed.filter((item) => packages[item].some((program) => tool(program) === undefined))
  if (missing.length === 0) {
    describe(name, suite)
    return
  }
  const why = `needs the Debian package ${missing.join(', ')}`
  if (process.env['CI'] === 'true') {
    describe(name, () => {
      test(why, () => {
        throw new Error(`${name} ${why}: apt-get install ${missing.join(' ')}`)
      })
    })
  } else {
    describe.skip(`${name} [${why}]`, suite)
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
