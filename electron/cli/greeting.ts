/** What `serve` prints once it runs. Pure. */
import type { BenchState, LanAddress, ListenerState } from '../../shared/contract/model.ts'

export function greeting(bench: BenchState, url: string): string {
  const width = Math.max(...bench.listeners.map(({ label }) => label.length), 0) + 2
  const reachable = bench.addresses.filter((address) => !address.loopback)
  return [
    `Oktobench ${bench.version}, workspace ${bench.workspace.path}`,
    ...bench.listeners.map(
      (listener) => `MQTT  ${listener.label.padEnd(width)}${describeListener(listener)}`,
    ),
    `Address to enter in a device: ${reachable.map(describeAddress).join(', ') || 'none, this machine is on no network'}`,
    ...(bench.open ? ['Warning: no authentication; whoever reaches a listener may do everything.'] : []),
    ...bench.problems.map(
      (problem) => `${problem.severity === 'error' ? 'Error' : 'Warning'}: ${problem.text}`,
    ),
    `Oktobench is at ${url}`,
  ].join('\n')
}

function describeListener({ state, host, message }: ListenerState): string {
  const why = message === undefined ? '' : `: ${message}`
  if (state === 'failed') return `not listening${why}`
  if (state === 'off') return `off${why}`
  return `listening on ${host === '*' ? 'every address' : host}${message === undefined ? '' : ` (${message})`}`
}

const describeAddress = ({ address, interface: name }: LanAddress): string => `${address} (${name})`
