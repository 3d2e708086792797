/** `npm run bench -- start`: from the start of `oktobench serve` to the first CONNECT that it accepts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectBytes, isAccepted } from './load.ts'
import { freePort } from '../support/free-port.ts'
import { median, printRows, say } from './report.ts'

const ROUNDS = 5
const RETRY_MS = 5
const LIMIT_MS = 20_000
const cli = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

export async function startBench(): Promise<void> {
  const fresh: number[] = []
  const known: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    say(`start ${round + 1} of ${ROUNDS}`)
    const folder = await mkdtemp(join(tmpdir(), 'oktobench-start-'))
    try {
      fresh.push(await firstConnect(folder))
      known.push(await firstConnect(folder))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const target = { atMost: 1000 }
  printRows(`Start to first accepted CONNECT, median of ${ROUNDS}`, [
    { name: 'new workspace, which makes its certificates', unit: 'ms', value: median(fresh), target },
    { name: 'known workspace', unit: 'ms', value: median(known), target },
  ])
}

async function firstConnect(workspace: string): Promise<number> {
  const [port, page] = [await freePort(), await freePort()]
  const others = ['--ws-port', '--tls-port', '--wss-port'].flatMap((option) => [option, '0'])
  const options = ['--workspace', workspace, '--port', String(page), '--mqtt-port', String(port), ...others]
  const start = performance.now()
  const child = spawn(process.execPath, [cli, 'serve', ...options, '--no-nats', '--open-bench'], {
    stdio: 'ignore',
  })
  try {
    while (!(await accepts(port))) {
      if (performance.now() - start > LIMIT_MS || child.exitCode !== null)
        throw new Error('serve does not start')
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    return performance.now() - start
  } finally {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

/** One try: is a CONNECT answered with CONNACK 0? */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => socket.write(connectBytes({ clientId: 'first' })))
    socket.once('data', (bytes) => end(isAccepted(bytes)))
    socket.once('error', () => end(false))
    socket.once('end', () => end(false))
  })
}
