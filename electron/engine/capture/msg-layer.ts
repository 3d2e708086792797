/** A Msg as a layer of its own, below the Record that carries it: as Wireshark has protocols within protocols. */
import type { Field } from '../../../shared/dissect/field.ts'

const PAYLOAD = 'usp.payload'

/** Layers from the outermost to the innermost; the Record keeps its payload as one line. */
export const withMsgLayer = (layers: readonly Field[]): readonly Field[] =>
  layers.flatMap((layer) => {
    if (layer.name !== 'usp') return [layer]
    const { rest, msg } = takeMsg(layer, layer.text)
    return msg === undefined ? [layer] : [rest, msg]
  })

/** The field without the Msg somewhere below it, and that Msg, with the Record in short. */
function takeMsg(field: Field, summary: string): { readonly rest: Field; readonly msg?: Field } {
  const { children, finding, ...line } = field
  if (children === undefined) return { rest: field }
  if (field.name === PAYLOAD) {
    const text = `${summary} · ${field.text}`
    const msg = { ...line, name: 'usp.msg', label: 'USP Msg', text, children, ...(finding && { finding }) }
    return { rest: line, msg }
  }
  for (const [at, child] of children.entries()) {
    const { rest, msg } = takeMsg(child, summary)
    if (msg) return { rest: { ...field, children: children.with(at, rest) }, msg }
  }
  return { rest: field }
}
