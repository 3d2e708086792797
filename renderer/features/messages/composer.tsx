/** Form and text of the message side by side, its variables, and the model by which it is checked. */
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { useCallback, useMemo } from 'react'
import { useStore } from 'zustand'
import { requestRemarks, isPathRole, type PlacedRemark } from '../../../shared/usp/forms/check-request.ts'
import { formOf, type FormField } from '../../../shared/usp/forms/describe.ts'
import { contentOf } from '../../../shared/usp/forms/draft.ts'
import { placesOf, rangeOf } from '../../../shared/usp/forms/json-places.ts'
import { placeName, type JsonPath } from '../../../shared/usp/forms/json-value.ts'
import type { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import { completePath } from '../../../shared/usp/forms/path-complete.ts'
import { camelName, ENDPOINT_VARIABLE, variablesIn } from '../../../shared/usp/forms/variables.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { CodeEditor, type Remark } from '../../ui/editor/code-editor.tsx'
import { Split } from '../../ui/split.tsx'
import { ModelBar } from './model-bar.tsx'
import { RequestForm } from './request-form.tsx'

const jsonLanguage = json()

export function Composer() {
  const { messages } = useModel()
  const draft = useStore(messages, (state) => state.draft)
  const variables = useStore(messages, (state) => state.variables)
  const first = useStore(messages, (state) => state.targets[0])
  const index = useStore(messages.device, (state) => state.index)
  const [ratio, setRatio] = useSplit('composer', 0.52)
  const content = contentOf(draft)
  const remarks = useMemo(() => {
    const known = { ...variables, [ENDPOINT_VARIABLE]: first ?? 'doc::endpoint' }
    return requestRemarks(draft.kind, content, known, index)
  }, [draft.kind, content, variables, first, index])
  const byPlace = useMemo(() => firstByPlace(remarks), [remarks])
  const whole = byPlace.get('')
  return (
    <div className="composer">
      <ModelBar device={messages.device} used="completed and checked" />
      <Variables />
      {draft.fault && (
        <p className="composer-fault bad" role="alert">
          {draft.fault.message} The form waits until the text can be read.
        </p>
      )}
      {!draft.fault && whole && (
        <p className="composer-fault bad" role="alert">
          {whole.text}
        </p>
      )}
      <Split
        direction="across"
        label="Width of the form"
        ratio={ratio}
        onRatio={setRatio}
        first={
          <fieldset className="request-form" disabled={draft.fault !== undefined} aria-label="Form">
            <RequestForm
              fields={formOf(draft.kind)}
              content={content}
              remarks={byPlace}
              model={index}
              change={messages.change}
            />
          </fieldset>
        }
        second={<TextPane remarks={remarks} index={index} />}
      />
    </div>
  )
}

/** The gravest at each place, which comes first. */
function firstByPlace(remarks: readonly PlacedRemark[]): ReadonlyMap<string, PlacedRemark> {
  const found = new Map<string, PlacedRemark>()
  for (const remark of remarks) if (!found.has(remark.place)) found.set(remark.place, remark)
  return found
}

function TextPane({
  remarks,
  index,
}: {
  remarks: readonly PlacedRemark[]
  index: SupportedIndex | undefined
}) {
  const { messages } = useModel()
  const draft = useStore(messages, (state) => state.draft)
  const marks = useMemo((): readonly Remark[] => {
    if (draft.fault) return []
    const ranges = new Map(placesOf(draft.text).map((place) => [placeName(place.path), place]))
    const at = placeName(draft.at)
    return remarks.map(({ place, severity, text }) => {
      const name = place === '' ? at : at === '' ? place : `${at}${place.startsWith('[') ? '' : '.'}${place}`
      const { from, to } = ranges.get(name) ?? rangeOf(draft.text, draft.at)
      return { from, to, severity, text }
    })
  }, [draft, remarks])
  const complete = useCallback(
    (context: CompletionContext): CompletionResult | null => {
      const text = context.state.doc.toString()
      const { at, kind } = messages.getState().draft
      const place = placesOf(text).find(
        (one) => one.isText && one.from <= context.pos && context.pos <= one.to,
      )
      const field = place && fieldAt(formOf(kind), place.path.slice(at.length))
      if (!place || !field || !index || !isPathRole(field.role)) return null
      const value = text.slice(place.from, place.to)
      // Escapes would shift the places; paths with keys in quotes have them.
      if (value.includes('\\')) return null
      const found = completePath(value, context.pos - place.from, field.role, index)
      const options = found.choices
        .filter((choice) => !choice.text.includes('"'))
        .map((choice) => ({ label: choice.text, detail: choice.detail }))
      return { from: place.from + found.from, to: place.from + found.to, options, filter: false }
    },
    [messages, index],
  )
  return (
    <CodeEditor
      label="Message as JSON"
      value={draft.text}
      language={jsonLanguage}
      remarks={marks}
      complete={complete}
      onChange={messages.setText}
      onSubmit={() => void messages.send()}
    />
  )
}

/** The field of the form that a place of the content belongs to. */
function fieldAt(fields: readonly FormField[], path: JsonPath): FormField | undefined {
  let found: FormField | undefined
  let inside = fields
  for (const step of path) {
    if (typeof step === 'number') continue
    found = inside.find(({ name }) => name === step || camelName(name) === step)
    if (!found) return undefined
    inside = found.fields
  }
  return found
}

/** A field for each variable that the text uses. */
function Variables() {
  const { messages } = useModel()
  const text = useStore(messages, (state) => state.draft.text)
  const variables = useStore(messages, (state) => state.variables)
  const names = useMemo(() => variablesIn(text).filter((name) => name !== ENDPOINT_VARIABLE), [text])
  if (names.length === 0) return null
  return (
    <div className="variables" role="group" aria-label="Variables">
      {names.map((name) => (
        <label key={name}>
          <span className="mono">{name}</span>
          <input
            className="input mono"
            value={variables[name] ?? ''}
            aria-invalid={variables[name] === undefined}
            placeholder="value"
            onChange={(event) =>
              messages.setState({ variables: { ...variables, [name]: event.target.value } })
            }
          />
        </label>
      ))}
    </div>
  )
}
