/** What a program may ask of the tree of a packet, so that no more of it has to be made than that. */
import { type FieldSpec, specsFor } from '../usp/schema.ts'
import type { ProgramNode } from './compile.ts'
import type { FieldDefinition } from './definition.ts'

export interface Wanted {
  /** Filter names in the MQTT packet. */
  readonly mqtt: ReadonlySet<string>
  /** Fields of a Record and those that they stand in; empty when none is asked for. */
  readonly usp: ReadonlySet<FieldSpec>
}

/** `undefined` when only the whole tree will do. */
export function wantedBy(program: ProgramNode): Wanted | undefined {
  const names = { mqtt: new Set<string>(), usp: new Set<string>() }
  for (const { tree } of fieldsIn(program)) {
    if (tree.layer === undefined) return undefined
    for (const name of tree.names) names[tree.layer].add(name)
  }
  return { mqtt: names.mqtt, usp: names.usp.size === 0 ? new Set() : specsFor(names.usp) }
}

function fieldsIn(program: ProgramNode): FieldDefinition[] {
  switch (program.kind) {
    case 'and':
    case 'or':
      return program.items.flatMap(fieldsIn)
    case 'not':
      return fieldsIn(program.item)
    case 'value':
      return [program.field]
    case 'words':
      // Columns answer for those.
      return []
  }
}
