/** The colouring rules: the first that matches a packet gives its row the colour. */
import { useStore } from 'zustand'
import { MAX_LOOK, ruleColours, type ColourRule } from '../../../shared/contract/look.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Icon, Switch } from '../../ui/kit.tsx'
import { colouringFault } from './colouring.ts'
import './dialogs.css'

export function ColoursDialog() {
  const { look } = useModel()
  const rules = useStore(look, (state) => state.colourRules)
  const set = look.setColours
  const change = (at: number, part: Partial<ColourRule>) =>
    set(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)))
  const swap = (at: number, other: number) => {
    const next = [...rules]
    const [one, two] = [next[at], next[other]]
    if (!one || !two) return
    next[at] = two
    next[other] = one
    set(next)
  }
  return (
    <Dialog title="Colouring rules">
      <p className="dim">
        The first rule that matches a packet colours its row. Rules judge what a row of the list holds: type,
        topic, USP message, device, direction, verdict, mark, connection, number, length and time.
      </p>
      <ol className="rules">
        {rules.map((rule, at) => (
          <Rule
            key={at}
            rule={rule}
            first={at === 0}
            last={at === rules.length - 1}
            onChange={(part) => change(at, part)}
            onUp={() => swap(at, at - 1)}
            onDown={() => swap(at, at + 1)}
            onRemove={() => set(rules.filter((_, index) => index !== at))}
          />
        ))}
      </ol>
      <button
        type="button"
        className="button"
        disabled={rules.length >= MAX_LOOK}
        onClick={() => set([...rules, { filter: '', colour: 'blue', on: true }])}
      >
        Add a rule
      </button>
    </Dialog>
  )
}

interface RuleProps {
  readonly rule: ColourRule
  readonly first: boolean
  readonly last: boolean
  readonly onChange: (part: Partial<ColourRule>) => void
  readonly onUp: () => void
  readonly onDown: () => void
  readonly onRemove: () => void
}

function Rule({ rule, first, last, onChange, onUp, onDown, onRemove }: RuleProps) {
  const fault = colouringFault(rule.filter)
  return (
    <li>
      <div className="rule">
        <Switch on={rule.on} label="Use this rule" onChange={(on) => onChange({ on })} />
        <input
          className={`input mono rule-${rule.colour}`}
          aria-label="Filter"
          aria-invalid={fault !== undefined}
          spellCheck={false}
          maxLength={10_000}
          placeholder="usp.type == NOTIFY"
          value={rule.filter}
          onChange={(event) => onChange({ filter: event.target.value })}
        />
        <select
          className="input"
          aria-label="Colour"
          value={rule.colour}
          onChange={(event) => {
            const colour = ruleColours.find((candidate) => candidate === event.target.value)
            if (colour) onChange({ colour })
          }}
        >
          {ruleColours.map((colour) => (
            <option key={colour}>{colour}</option>
          ))}
        </select>
        <button type="button" className="button quiet" aria-label="Up" disabled={first} onClick={onUp}>
          ↑
        </button>
        <button type="button" className="button quiet" aria-label="Down" disabled={last} onClick={onDown}>
          ↓
        </button>
        <button type="button" className="button quiet" aria-label="Remove the rule" onClick={onRemove}>
          <Icon name="close" />
        </button>
      </div>
      {fault && rule.filter.trim() !== '' && <p className="bad">{fault}</p>}
    </li>
  )
}
