/**
 * `npm run bench -- flows [--exchanges=N]`: a flow that asks a simulated agent again and again, as fast as it
 * answers, beside the same requests by a bare MQTT client: what a step adds, and what that takes of memory.
 */
import { connectAsync, type MqttClient } from 'mqtt'
import { quirksOf } from '../../electron/engine/simulator/misbehaviours.ts'
import { readDescription } from '../../electron/engine/simulator/description.ts'
import type { Link } from '../../electron/engine/simulator/link.ts'
import { routerModel } from '../../electron/engine/simulator/models/router.ts'
import { simulatedLink } from '../../electron/engine/simulator/simulated-link.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { plainRecord } from '../../shared/usp/build-record.ts'
import { encodeMsg, msgFromJson } from '../../shared/usp/codec.ts'
import { agentTopic, controllerUser } from '../../shared/usp/oktopus.ts'
import { startProduct, type Product } from './product.ts'
import { median, printRows, say } from './report.ts'

const DEVICE = 'os::02005E-BENCH'
const PATH = 'Device.LocalAgent.EndpointID'
const REPLIES = 'bench/replies'
const MIB = 1024 * 1024
const WARM_UP = 500
const ROUNDS = 3

export async function flowsBench(options: ReadonlyMap<string, number>): Promise<void> {
  const exchanges = options.get('exchanges') ?? 10_000
  const product = await startProduct(['--no-discover'])
  const agent = await startAgent(product.port)
  const client = await connectAsync(`mqtt://127.0.0.1:${product.port}`, { protocolVersion: 5 })
  try {
    await client.subscribeAsync(REPLIES, { qos: 1 })
    await bare(client, WARM_UP)
    await run(product, WARM_UP)
    const before = await product.memory()
    const rounds: { flow: Cost; bare: Cost }[] = []
    const each = Math.ceil(exchanges / ROUNDS)
    for (let round = 1; round <= ROUNDS; round++) {
      say(`flows: round ${round} of ${ROUNDS}`)
      const flow = await costOf(product, each, async () => {
        const { duration = NaN, status, note } = await run(product, each)
        if (status !== 'passed') throw new Error(`The flow ended as ${status}: ${note ?? ''}`)
        return duration / each
      })
      rounds.push({ flow, bare: await costOf(product, each, () => bare(client, each)) })
    }
    const after = await product.memory()
    const perStep = median(rounds.map(({ flow }) => flow.time))
    const perBare = median(rounds.map((one) => one.bare.time))
    const workStep = median(rounds.map(({ flow }) => flow.work))
    const workBare = median(rounds.map((one) => one.bare.work))
    printRows(`Flows: ${exchanges.toLocaleString('en')} exchanges as fast as answers come`, [
      { name: 'exchanges', unit: '1/s', value: 1000 / perStep },
      {
        name: 'one exchange',
        unit: 'ms',
        value: perStep,
        beside: { name: 'bare client', value: perBare, ratio: perStep / perBare },
      },
      {
        name: 'processor time of the bench for it, its broker and capture included',
        unit: 'ms',
        value: workStep,
        beside: { name: 'bare client', value: workBare, ratio: workStep / workBare },
      },
      { name: 'added by the step', unit: 'ms', value: perStep - perBare },
      {
        name: `memory after all, with the capture of all, above before`,
        unit: 'MiB',
        value: (after - before) / MIB,
      },
    ])
  } finally {
    await client.endAsync(true)
    await agent.stop()
    await product.stop()
  }
}

/** Milliseconds of an exchange: by the clock, and of processors in the bench. */
interface Cost {
  readonly time: number
  readonly work: number
}

async function costOf(product: Product, exchanges: number, act: () => Promise<number>): Promise<Cost> {
  const before = await product.processorTime()
  const time = await act()
  return { time, work: ((await product.processorTime()) - before) * (1000 / exchanges) }
}

function startAgent(port: number): Promise<Link> {
  return new Promise((resolve, reject) => {
    const link = simulatedLink({
      broker: { host: '127.0.0.1', port, isTls: false },
      identity: {
        endpointId: DEVICE,
        mqtt: 5,
        version: '1.0',
        publishQos: 0,
        requestsResponseInformation: false,
      },
      schema: readDescription(routerModel),
      quirks: quirksOf([]),
      probes: false,
      maxRetrySeconds: 1,
      onState(state, why) {
        if (state === 'ready') resolve(link)
        if (state === 'waiting') reject(new Error(why))
      },
    })
    link.start()
  })
}

/** Resolves with the result when the flow has ended. */
async function run({ call }: Product, exchanges: number): Promise<FlowResult> {
  const text = [
    'flow: 1',
    'name: Bench',
    `limits: { time: 1h, packets: 1000000, steps: ${exchanges + 1000} }`,
    'steps:',
    '  - wait: online',
    `  - repeat: ${exchanges}`,
    `    steps: [{ send: { get: ${PATH} }, expect: { params: { ${PATH}: "${DEVICE}" } } }]`,
  ].join('\n')
  const { run: id } = await call('flows.run', { source: { text }, device: DEVICE })
  for (;;) {
    const result = await call('flows.result', { id })
    if (result.status !== 'running') return result
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Milliseconds for one exchange: the next request goes out when the answer is there. */
async function bare(client: MqttClient, exchanges: number): Promise<number> {
  const started = performance.now()
  for (let at = 0; at < exchanges; at++) {
    const msg = msgFromJson({
      header: { msg_id: `bare-${at}`, msg_type: 'GET' },
      body: { request: { get: { param_paths: [PATH] } } },
    })
    const record = plainRecord({ version: '1.3', toId: DEVICE, fromId: controllerUser }, encodeMsg(msg))
    const answered = new Promise((resolve) => client.once('message', resolve))
    client.publish(agentTopic(DEVICE), Buffer.from(record), {
      qos: 1,
      properties: { contentType: 'usp.msg', responseTopic: REPLIES },
    })
    await answered
  }
  return (performance.now() - started) / exchanges
}
