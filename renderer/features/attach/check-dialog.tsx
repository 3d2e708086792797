/** Checking the configuration that a device has: what of it does not fit this bench, and how to mend it. */
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { checkDatabase, type CheckFinding, type CheckTarget } from '../../../shared/attach/check.ts'
import { PASSWORD_PLACE } from '../../../shared/attach/parameters.ts'
import type { BenchState } from '../../../shared/contract/model.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { count, plural } from '../../ui/format.ts'
import { CopyButton } from '../../ui/kit.tsx'
import { sortedAddresses } from '../bench/addresses.ts'
import './attach.css'

/** As much as the database of any agent is. */
const MAX_TEXT = 1_000_000
const transports = [
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
] as const

/** What was pasted may hold passwords: it stays here and goes with the sheet. */
export function CheckDialog() {
  const { live } = useModel()
  const bench = useStore(live, (state) => state.bench)
  const [text, setText] = useState('')
  const [transport, setTransport] = useState<'tcp' | 'tls'>('tcp')
  const [endpointId, setEndpointId] = useState('')
  const result = useMemo(() => {
    const target = bench && targetOf(bench, transport, endpointId.trim())
    return target && text.trim() !== '' ? checkDatabase(text, target) : undefined
  }, [bench, transport, endpointId, text])
  return (
    <Dialog title="Check the configuration of a device" wide>
      <Labelled
        label="Configuration"
        remark="What obuspa -c show database prints, a factory reset file, or dbset lines. Nothing of it is kept."
      >
        <textarea
          className="input mono"
          rows={result ? 7 : 14}
          spellCheck={false}
          autoFocus
          maxLength={MAX_TEXT}
          placeholder={'Device.MQTT.Client.1.BrokerAddress => 192.168.1.20\n…'}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </Labelled>
      <span className="attach-forms">
        <Choice label="Transport" options={transports} value={transport} onChange={setTransport} />
        <input
          className="input mono check-endpoint"
          aria-label="Endpoint ID, if it is not the one in the configuration"
          placeholder="Endpoint ID, if another than in it"
          spellCheck={false}
          maxLength={1000}
          value={endpointId}
          onChange={({ target }) => setEndpointId(target.value)}
        />
      </span>
      {result && <Outcome {...result} />}
    </Dialog>
  )
}

function targetOf(
  { addresses, listeners, open }: BenchState,
  transport: 'tcp' | 'tls',
  endpointId: string,
): CheckTarget | undefined {
  const [best] = sortedAddresses(addresses)
  const port = listeners.find((listener) => listener.transport === transport)?.port
  if (!best || port === undefined) return undefined
  return {
    address: best.address,
    addresses: addresses.map(({ address }) => address),
    port,
    transport,
    endpointId,
    ...(!open && { login: { username: endpointId, password: PASSWORD_PLACE } }),
  }
}

function Outcome({ parameters, endpointId, findings, unread }: ReturnType<typeof checkDatabase>) {
  const wrong = findings.filter(({ severity }) => severity === 'wrong')
  const mends = findings.flatMap(({ mend = [] }) => mend)
  return (
    <>
      <p role="status" className="check-sum">
        <b className={wrong.length > 0 ? 'bad' : 'ok'}>
          {wrong.length > 0
            ? `${plural(wrong.length, 'thing is', 'things are')} wrong`
            : 'It fits this bench'}
        </b>
        <span className="dim">
          {plural(parameters, 'parameter')} read
          {endpointId && `, for ${endpointId}`}
          {unread.length > 0 && ` · ${lineWords(unread)} not understood`}
        </span>
        {mends.length > 1 && <span className="spacer" />}
        {mends.length > 1 && (
          <CopyButton text={`${mends.join('\n')}\n`} label="Copy all commands that mend it" className="">
            Copy all commands
          </CopyButton>
        )}
      </p>
      <ul className="check-lines" aria-label="Findings">
        {findings.map((finding) => (
          <Found key={finding.path} finding={finding} />
        ))}
      </ul>
    </>
  )
}

const SHOWN_LINES = 5
const lineWords = (lines: readonly number[]): string =>
  `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, SHOWN_LINES).join(', ')}${
    lines.length > SHOWN_LINES ? ` and ${count(lines.length - SHOWN_LINES)} more` : ''
  }`

function Found({ finding: { severity, path, line, seen, text, mend } }: { finding: CheckFinding }) {
  return (
    <li className={`is-${severity}`}>
      <span className="check-path">
        <span className={severity === 'wrong' ? 'bad' : 'warn'}>
          {severity === 'wrong' ? 'wrong' : 'advice'}
        </span>
        <span className="mono">{path}</span>
        <span className="dim">
          {line === undefined ? 'not in it' : `line ${count(line)}: ${seen || 'empty'}`}
        </span>
      </span>
      <span>{text}</span>
      {mend !== undefined && (
        <span className="check-mend">
          <code className="mono">{mend}</code>
          <CopyButton text={mend} label={`Copy the command for ${path}`} />
        </span>
      )}
    </li>
  )
}
