/** On which devices and how the flow is run, and what leads a run that goes on. */
import { useId } from 'react'
import { useStore } from 'zustand'
import type { Json } from '../../../shared/flow/json.ts'
import { textOf } from '../../../shared/flow/json.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Icon, Keys } from '../../ui/kit.tsx'
import { DevicePicker } from '../devices/device-picker.tsx'
import { told } from './actions.ts'
import { runOf, stepAgain } from './runs.ts'

export function RunBar() {
  const model = useModel()
  const { editor, runs } = model.flows
  const devices = useStore(runs, (state) => state.devices)
  const open = useStore(runs, (state) => state.optionsOpen)
  const isOpen = useStore(editor, (state) => state.isOpen)
  const errors = useStore(editor, (state) => state.parsed.errors)
  const why = !isOpen
    ? 'Open a flow first'
    : errors > 0
      ? 'The text has errors'
      : devices.length === 0
        ? 'Choose a device first'
        : undefined
  return (
    <>
      <div className="filter-bar flow-bar">
        <DevicePicker
          label="Devices to run on"
          text={targetText(devices)}
          selected={devices}
          many
          onSelect={runs.setDevices}
        />
        <button
          type="button"
          className="button"
          aria-expanded={open}
          onClick={() => runs.setState({ optionsOpen: !open })}
        >
          <OptionsText /> <Icon name={open ? 'down' : 'right'} />
        </button>
        <button
          type="button"
          className="button main"
          disabled={why !== undefined}
          title={why}
          onClick={() => runCommand(commandById('flows.run'), model)}
        >
          Run
        </button>
        <Keys chord="mod+enter" />
        <span className="spacer" />
        <Lead />
      </div>
      {open && <Options />}
    </>
  )
}

function targetText(devices: readonly string[]): string {
  const [first] = devices
  if (first === undefined) return 'Choose devices'
  return devices.length === 1 ? `On ${first}` : `On ${plural(devices.length, 'device')}: ${first}, …`
}

/** What is other than usual stands on the button, so that nothing acts unseen. */
function OptionsText() {
  const { editor, runs } = useModel().flows
  const state = useStore(runs)
  const slot = useStore(editor, (now) => now.slot)
  const given = Object.values(state.variables[slot] ?? {}).filter((value) => value !== '').length
  const said = [
    given > 0 && plural(given, 'variable'),
    state.pace > 0 && `pace ×${state.pace}`,
    state.repeat === 'times' && plural(state.times, 'time'),
    state.repeat === 'for' && `for ${state.minutes} min`,
    state.holdsAtStart && 'step by step',
    state.holdsAtFailures && 'holds at failures',
    state.filters.trim() !== '' && 'holds at packets',
  ].filter(Boolean)
  return <>{said.length === 0 ? 'Options' : said.join(', ')}</>
}

function Lead() {
  const model = useModel()
  const shown = useStore(model.flows.runs, (state) => state.shown)
  const run = useStore(model.live, (state) => runOf(state.flowRuns?.runs, shown))
  if (run?.status !== 'running') return null
  const button = (id: string, title: string, enabled = true) => {
    const { keys: [chord] = [] } = commandById(id)
    return (
      <button
        type="button"
        className="button"
        disabled={!enabled}
        aria-keyshortcuts={chord}
        title={chord?.toUpperCase()}
        onClick={() => runCommand(commandById(id), model)}
      >
        {title}
      </button>
    )
  }
  return (
    <span className="buttons" role="group" aria-label="Lead the run">
      {button('flows.hold', run.paused ? 'Go on' : 'Pause')}
      {button('flows.step', 'Step')}
      {button('flows.again', 'Again', stepAgain(run) !== undefined)}
      {button('flows.stop', 'Stop')}
    </span>
  )
}

const paces: readonly (readonly [number, string])[] = [
  [0, 'as fast as answers come'],
  [0.5, 'twice as fast as recorded'],
  [1, 'as recorded'],
  [2, 'twice as slow'],
  [10, 'ten times as slow'],
]

function Options() {
  const model = useModel()
  const { runs } = model.flows
  const state = useStore(runs)
  const set = runs.setState
  return (
    <div className="flow-options">
      <Variables />
      <fieldset>
        <legend>How</legend>
        <label>
          <span>Timing</span>
          <select
            className="input"
            value={state.pace}
            onChange={(event) => set({ pace: Number(event.target.value) })}
          >
            {paces.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Repeat</span>
          <select
            className="input"
            value={state.repeat}
            onChange={(event) => set({ repeat: event.target.value as typeof state.repeat })}
          >
            <option value="once">once</option>
            <option value="times">so often</option>
            <option value="for">for a time</option>
          </select>
          {state.repeat === 'times' && (
            <NumberField
              label="Times"
              value={state.times}
              max={100_000}
              onChange={(times) => set({ times })}
            />
          )}
          {state.repeat === 'for' && (
            <>
              <NumberField
                label="Minutes"
                value={state.minutes}
                max={10_080}
                onChange={(minutes) => set({ minutes })}
              />
              <span className="dim">min</span>
            </>
          )}
        </label>
      </fieldset>
      <fieldset>
        <legend>Hold</legend>
        <label className="check">
          <input
            type="checkbox"
            checked={state.holdsAtStart}
            onChange={(event) => set({ holdsAtStart: event.target.checked })}
          />
          before the first step
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={state.holdsAtFailures}
            onChange={(event) => set({ holdsAtFailures: event.target.checked })}
          />
          behind a step that fails
        </label>
        <label className="is-tall">
          <span>after packets</span>
          <textarea
            className="input mono"
            rows={1}
            spellCheck={false}
            placeholder="usp.type == NOTIFY"
            value={state.filters}
            onChange={(event) => set({ filters: event.target.value })}
            onBlur={() => void runs.tellHolds().then((error) => told(model, error))}
          />
        </label>
        <small className="dim">
          A filter a line. Before a step: F9 in the text, or a click beside its line.
        </small>
      </fieldset>
    </div>
  )
}

function NumberField(props: {
  label: string
  value: number
  max: number
  onChange: (value: number) => void
}) {
  return (
    <input
      className="input number"
      type="number"
      aria-label={props.label}
      min={1}
      max={props.max}
      value={props.value}
      onChange={(event) => {
        const value = Math.floor(Number(event.target.value))
        if (value >= 1 && value <= props.max) props.onChange(value)
      }}
    />
  )
}

/** A field for each variable and secret of the flow. */
function Variables() {
  const { editor, runs } = useModel().flows
  const flow = useStore(editor, (state) => state.parsed.flow)
  const slot = useStore(editor, (state) => state.slot)
  const all = useStore(runs, (state) => state.variables)
  const variables = all[slot] ?? {}
  const secrets = useStore(runs, (state) => state.secrets)
  const names = Object.entries(flow?.variables ?? {})
  const hidden = flow?.secrets ?? []
  return (
    <fieldset className="flow-variables">
      <legend>Variables</legend>
      {names.length + hidden.length === 0 && <p className="dim">This flow has none.</p>}
      {names.map(([name, usual]) => (
        <Field
          key={name}
          name={name}
          placeholder={shown(usual)}
          value={variables[name] ?? ''}
          onChange={(value) =>
            runs.setState({ variables: { ...all, [slot]: { ...variables, [name]: value } } })
          }
        />
      ))}
      {hidden.map((name) => (
        <Field
          key={`secret ${name}`}
          name={name}
          isSecret
          placeholder="secret"
          value={secrets[name] ?? ''}
          onChange={(value) => runs.setState({ secrets: { ...secrets, [name]: value } })}
        />
      ))}
    </fieldset>
  )
}

const shown = (usual: Json): string => (usual === '' ? 'set by the flow' : textOf(usual))

function Field(props: {
  name: string
  placeholder: string
  value: string
  isSecret?: boolean
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <label htmlFor={id}>
      <span className="mono cut" title={props.name}>
        {props.name}
      </span>
      <input
        id={id}
        className="input mono"
        type={props.isSecret ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        placeholder={props.placeholder}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  )
}
