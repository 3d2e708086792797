/** What is known of the line under the cursor, and what can be done with it. */
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { quote } from '../../../shared/filter/lexer.ts'
import { useModel } from '../../app/model.ts'
import { ago, clock } from '../../ui/format.ts'
import { useNow } from '../../ui/clock.ts'
import { Alert, ConfirmButton, CopyButton, State, type Tone } from '../../ui/kit.tsx'
import { ownerOf } from './device-data.ts'
import { ArgumentForm } from './argument-form.tsx'
import {
  canAdd,
  canDelete,
  DETAIL_FIELD,
  isWritable,
  subscribe,
  subscriptionKind,
  watch,
  WATCH_SECONDS,
} from './line-actions.ts'
import { isObjectLine, type Line } from './lines.ts'
import type { Operation } from './store.ts'

export function DetailPane({ line }: { line: Line | undefined }) {
  return (
    <section className="model-detail" aria-label="Selected">
      {line ? (
        <Detail key={line.path} line={line} />
      ) : (
        <p className="dim">What is chosen in the tree is read, changed and run here.</p>
      )}
      <Operations />
      <History />
    </section>
  )
}

function Detail({ line }: { line: Line }) {
  const { dataModel } = useModel()
  const fault = useStore(dataModel, (state) => state.faults.get(line.path))
  return (
    <>
      <header>
        <code className="model-path">{line.path}</code>
        <CopyButton label="Copy the path" text={line.path} />
      </header>
      <Alert text={fault} />
      <Facts line={line} />
      <Buttons line={line} />
      <Form line={line} />
    </>
  )
}

function Facts({ line }: { line: Line }) {
  const { dataModel } = useModel()
  const now = useNow()
  const owner = isObjectLine(line) ? line.path : ownerOf(line.path)
  const readAt = useStore(dataModel, (state) => (state.version >= 0 ? state.data.readAt(owner) : undefined))
  const facts = factsOf(line).filter(([, text]) => text !== '')
  return (
    <dl className="facts">
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={name === 'Value' ? 'mono' : ''}>{text}</dd>
        </div>
      ))}
      {readAt !== undefined && (
        <div>
          <dt>Read</dt>
          <dd className="number">{ago(readAt, now)}</dd>
        </div>
      )}
    </dl>
  )
}

const valueChangeWords = {
  allowed: 'told to subscribers',
  'will-ignore': 'never told (will-ignore): watch it at a pace instead',
  unknown: '',
} as const

function factsOf(line: Line): readonly (readonly [name: string, text: string])[] {
  switch (line.kind) {
    case 'parameter':
      return [
        ['Value', line.value ?? ''],
        ['Type', line.parameter?.type ?? 'not in the supported model'],
        ['Access', line.parameter?.access ?? ''],
        ['Changes', valueChangeWords[line.parameter?.valueChange ?? 'unknown']],
      ]
    case 'command':
      return [
        ['Kind', line.command.kind === 'async' ? 'asynchronous: its end is told later' : line.command.kind],
        ['Inputs', line.command.inputs.join(', ') || 'none'],
        ['Outputs', line.command.outputs.join(', ') || 'none'],
      ]
    case 'event':
      return [['Arguments', line.event.args.join(', ') || 'none']]
    default:
      return [
        ['Kind', line.object ? line.kind : `${line.kind}, not in the supported model`],
        ['Rows', line.count === undefined ? '' : String(line.count)],
        ['Access', line.kind === 'object' ? '' : (line.object?.access ?? '')],
        ['Unique keys', line.object?.uniqueKeys.map((key) => key.join(' + ')).join(', ') ?? ''],
        ['Divergent', line.object?.divergentPaths.join(', ') ?? ''],
      ]
  }
}

function Buttons({ line }: { line: Line }) {
  const model = useModel()
  const { dataModel } = model
  if (line.path.includes('{i}'))
    return (
      <p className="dim">What a row has, should there be one. Its values stand in the rows themselves.</p>
    )
  return (
    <div className="buttons model-buttons">
      {isWritable(line) && (
        <button type="button" className="button main" onClick={() => dataModel.edit(line.path)}>
          Set…
        </button>
      )}
      {isObjectLine(line) && (
        <button type="button" className="button" onClick={() => void dataModel.load(line.path)}>
          Read again
        </button>
      )}
      {canDelete(line) && (
        <span id={DETAIL_FIELD}>
          <ConfirmButton
            question="Delete it on the device?"
            onConfirm={() => void dataModel.remove(line.path)}
          >
            Delete the row
          </ConfirmButton>
        </span>
      )}
      {line.kind === 'parameter' && (
        <button
          type="button"
          className="button"
          onClick={() => void watch(model, [line.path], WATCH_SECONDS)}
        >
          Watch
        </button>
      )}
      <button
        type="button"
        className="button"
        title={`Makes a ${subscriptionKind[line.kind]} subscription on the device; it ends with the bench`}
        onClick={() => void subscribe(model, line)}
      >
        Subscribe
      </button>
      <button type="button" className="button" onClick={showPackets}>
        Packets
      </button>
    </div>
  )

  /** Messages name an object and, apart from it, its parameter or event. */
  function showPackets(): void {
    const path = line.kind === 'parameter' || line.kind === 'event' ? ownerOf(line.path) : line.path
    const { endpointId = '' } = dataModel.getState()
    model.packets.show('live')
    model.packets
      .current()
      .setFilter(`device == ${quote(endpointId)} and usp.path contains ${quote(path)}`, true)
    model.goTo('packets')
  }
}

function Form({ line }: { line: Line }) {
  const { dataModel } = useModel()
  const sending = useStore(dataModel, (state) => state.sending.has(line.path))
  if (line.kind === 'command' && !line.path.includes('{i}')) {
    const { command, path } = line
    return (
      <ArgumentForm
        fields={command.inputs.map((name) => ({ name, type: 'string' }))}
        action={`Operate ${command.name}`}
        busy={sending}
        option={
          command.kind === 'sync'
            ? undefined
            : { label: 'Subscribe to its end first, and unsubscribe afterwards', on: true }
        }
        onRun={(values, option) => void dataModel.operate(path, values, option)}
      />
    )
  }
  if (canAdd(line) && isObjectLine(line)) {
    const fields = (line.object?.parameters ?? []).filter(({ access }) => access !== 'read-only')
    return (
      <ArgumentForm
        fields={fields}
        action="Add a row"
        busy={sending}
        onRun={(values) => void dataModel.add(line.path, values)}
      />
    )
  }
  return null
}

const tones: Readonly<Record<Operation['state'], Tone>> = {
  sent: 'warn',
  running: 'warn',
  done: 'ok',
  failed: 'bad',
}

function Operations() {
  const { dataModel } = useModel()
  const operations = useStore(dataModel, (state) => state.operations)
  if (operations.length === 0) return null
  return (
    <Section title="Commands, newest first">
      {operations.toReversed().map(({ no, path, at, state, text, outputs }) => (
        <li key={no}>
          <time className="dim number">{clock(at, false)}</time> <State tone={tones[state]}>{state}</State>{' '}
          <code>{path}</code>
          <div className={state === 'failed' ? 'bad' : 'dim'}>{text}</div>
          {outputs.map(([name, value]) => (
            <div key={name} className="mono">
              {name} = {value}
            </div>
          ))}
        </li>
      ))}
    </Section>
  )
}

function History() {
  const { dataModel } = useModel()
  const written = useStore(dataModel, (state) => state.written)
  const [busy, setBusy] = useState(false)
  if (written.length === 0) return null
  const undo = async () => {
    setBusy(true)
    await dataModel.undo()
    setBusy(false)
  }
  return (
    <Section
      title="Set from here, newest first"
      aside={
        <button type="button" className="button" disabled={busy} onClick={() => void undo()}>
          Undo the last
        </button>
      }
    >
      {written.toReversed().map(({ path, before, after, at }) => (
        <li key={`${path} ${at}`}>
          <time className="dim number">{clock(at, false)}</time>{' '}
          <button type="button" className="link" onClick={() => dataModel.reveal(path)}>
            <code>{path}</code>
          </button>
          <div className="mono">
            <span className="dim">{before === '' ? 'empty' : (before ?? 'not read')} →</span>{' '}
            {after === '' ? 'empty' : after}
          </div>
        </li>
      ))}
    </Section>
  )
}

function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="model-log">
      <h2>
        {title} <span className="spacer" /> {aside}
      </h2>
      <ul className="plain">{children}</ul>
    </section>
  )
}
