/** A device on the LAN: bench and device are two hosts, made as network namespaces on this machine. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith, requireTool } from '../support/tools.ts'

/** Namespaces need root. */
const allowed = process.getuid?.() === 0

describeWith(['iproute2', 'mosquitto-clients'], 'a device on the LAN', () => {
  const benchHost = `okto-bench-${process.pid}`
  const deviceHost = `okto-device-${process.pid}`
  const ip = (...words: string[]): string => execFileSync(requireTool('ip'), words, { encoding: 'utf8' })
  const inside = (host: string): string[] => [requireTool('ip'), 'netns', 'exec', host]
  let bench: ServedBench | undefined

  beforeAll(async () => {
    if (!allowed) return
    ip('netns', 'add', benchHost)
    ip('netns', 'add', deviceHost)
    ip('-n', benchHost, 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', deviceHost)
    for (const [host, number] of [
      [benchHost, 1],
      [deviceHost, 2],
    ] as const) {
      ip('-n', host, 'address', 'add', `10.99.0.${number}/24`, 'dev', 'lan0')
      ip('-n', host, 'address', 'add', `fd99::${number}/64`, 'dev', 'lan0', 'nodad')
      ip('-n', host, 'link', 'set', 'lan0', 'up')
      ip('-n', host, 'link', 'set', 'lo', 'up')
    }
    bench = await startServe([], inside(benchHost))
  })
  afterAll(async () => {
    await bench?.stop()
    if (!allowed) return
    ip('netns', 'delete', benchHost)
    ip('netns', 'delete', deviceHost)
  })

  test.runIf(allowed).each(['10.99.0.1', 'fd99::1'])('reaches the bench at %s', (address) => {
    const words = [
      '-V',
      '5',
      '-h',
      address,
      '-p',
      String(bench?.mqttPort),
      '-t',
      't',
      '-q',
      '1',
      '-m',
      'x',
      '-d',
    ]
    const [command, ...before] = inside(deviceHost) as [string, ...string[]]
    const output = execFileSync(command, [...before, requireTool('mosquitto_pub'), ...words], {
      encoding: 'utf8',
    })
    expect(output).toContain('received CONNACK (0)')
    expect(output).toContain('received PUBACK')
  })
})
