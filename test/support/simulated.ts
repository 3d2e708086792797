/** A simulated agent for tests of the bench, as `oktobench simulate` runs it. */
import { readDescription } from '../../electron/engine/simulator/description.ts'
import type { Link } from '../../electron/engine/simulator/link.ts'
import { simulatedLink } from '../../electron/engine/simulator/simulated-link.ts'
import type { Identity } from '../../electron/engine/simulator/mqtt-options.ts'
import { quirksOf, type MisbehaviourName } from '../../electron/engine/simulator/misbehaviours.ts'
import { largeModel } from '../../electron/engine/simulator/models/large.ts'
import { routerModel } from '../../electron/engine/simulator/models/router.ts'
import { realWorld } from '../../electron/engine/simulator/world.ts'

export interface SimulatedOptions {
  readonly port: number
  readonly endpointId: string
  /** Authority of the broker: then it connects by TLS. */
  readonly ca?: Buffer
  /** Of its software. */
  readonly version?: string
  /** Parameters beside those of a router. */
  readonly parameters?: number
  readonly misbehave?: readonly MisbehaviourName[]
  /** Description of its data model; that of a router otherwise. */
  readonly model?: string
  /** How it connects, where that is otherwise than usual. */
  readonly identity?: Partial<Omit<Identity, 'endpointId' | 'version'>>
  /** Caps the wait between attempts to connect; 1. */
  readonly maxRetrySeconds?: number
  /** Times its waits are shorter: an agent looks for changes each 15 s. */
  readonly haste?: number
  /** Only waits of so many milliseconds and more; all. */
  readonly hasteFrom?: number
}

/** Resolves when it has subscribed and said its Connect Record. */
export async function startSimulated(options: SimulatedOptions): Promise<Link> {
  const {
    port,
    endpointId,
    version = '1.0',
    parameters = 0,
    haste = 1,
    hasteFrom = 0,
    model = routerModel,
  } = options
  return new Promise((resolve, reject) => {
    const link = simulatedLink({
      broker: {
        host: '127.0.0.1',
        port,
        isTls: options.ca !== undefined,
        ...(options.ca && { ca: options.ca }),
      },
      identity: {
        endpointId,
        mqtt: 5,
        version,
        publishQos: 0,
        requestsResponseInformation: false,
        ...options.identity,
      },
      schema: readDescription(parameters > 0 ? largeModel(parameters) : model),
      quirks: quirksOf(options.misbehave ?? []),
      probes: false,
      maxRetrySeconds: options.maxRetrySeconds ?? 1,
      world: { ...realWorld, after: (ms, run) => realWorld.after(ms < hasteFrom ? ms : ms / haste, run) },
      onState(state, why) {
        if (state === 'ready') resolve(link)
        if (state === 'waiting') reject(new Error(why))
      },
    })
    link.start()
  })
}
