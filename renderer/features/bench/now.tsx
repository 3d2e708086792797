/** The last ten minutes as a chart, and this second in figures. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useTheme } from '../../app/theme.ts'
import type { StatsSample } from '../../../shared/contract/model.ts'
import { clock, rate, size } from '../../ui/format.ts'
import { Card } from '../../ui/kit.tsx'
import { Chart } from './chart.tsx'
import { series } from './series.ts'

export function Now() {
  const { live } = useModel()
  const history = useStore(live, (state) => state.history)
  const theme = useTheme()
  const [hovered, setHovered] = useState<number>()
  const latest = history.at(-1)
  const shown = (hovered === undefined ? undefined : history[hovered]) ?? latest
  return (
    <Card
      title="Now"
      aside={shown && shown !== latest ? `at ${clock(shown.time, false)} UTC` : 'last 10 minutes, UTC'}
    >
      {shown && latest ? (
        <>
          <Chart key={theme} history={history} onHover={setHovered} />
          <ul className="legend number">
            {series.map(({ label, color, value }) => (
              <li key={label}>
                <span className="swatch" style={{ background: `var(${color})` }} aria-hidden="true" />
                {label} <b>{rate(value(shown))}</b>
              </li>
            ))}
          </ul>
          <Figures sample={latest} />
        </>
      ) : (
        <p className="dim">The first figures come within a second.</p>
      )}
    </Card>
  )
}

function Figures({ sample }: { sample: StatsSample }) {
  const figures: readonly (readonly [string, string])[] = [
    ['Connections', rate(sample.connections)],
    ['Bytes in', `${size(sample.bytesIn)}/s`],
    ['Bytes out', `${size(sample.bytesOut)}/s`],
    ['Refused', `${rate(sample.refused)}/s`],
    ['Slow reader drops', `${rate(sample.slowDrops)}/s`],
    ['Loop p99', `${sample.loopP99.toFixed(1)} ms`],
  ]
  return (
    <dl className="figures number">
      {figures.map(([label, text]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}
