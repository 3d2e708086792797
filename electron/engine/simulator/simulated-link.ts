/** A simulated agent with its connection. */
import { Agent } from './agent.ts'
import { Link, type LinkOptions } from './link.ts'
import { factsOf } from './mqtt-options.ts'
import type { Schema } from './schema.ts'

export interface SimulatedLinkOptions extends Omit<LinkOptions<Agent>, 'agent'> {
  readonly schema: Schema
}

export function simulatedLink(options: SimulatedLinkOptions): Link {
  const { schema, broker, identity, quirks } = options
  const { endpointId, mqtt } = identity
  const facts = factsOf(broker, identity)
  return new Link({
    ...options,
    agent: (line, world) => new Agent({ schema, endpointId, mqtt, facts, quirks, line, world }),
  })
}
