/** What the chart of the bench draws. Pure. */
import type { StatsSample } from '../../../shared/contract/model.ts'

export interface Series {
  readonly label: string
  /** Custom property of the theme that holds its colour. */
  readonly color: string
  /** Devices have their own scale: a handful beside thousands of packets would be a flat line. */
  readonly scale: 'packets' | 'devices'
  readonly dash?: number[]
  readonly value: (sample: StatsSample) => number
}

export const series: readonly Series[] = [
  { label: 'packets in/s', color: '--publish', scale: 'packets', value: (sample) => sample.packetsIn },
  { label: 'packets out/s', color: '--usp', scale: 'packets', value: (sample) => sample.packetsOut },
  {
    label: 'devices online',
    color: '--subscribe',
    scale: 'devices',
    dash: [4, 3],
    value: (sample) => sample.devicesOnline,
  },
]

/** Columns as uPlot takes them: seconds since 1970, then one column a series. */
export const chartData = (history: readonly StatsSample[]): [number[], ...number[][]] => [
  history.map((sample) => sample.time / 1000),
  ...series.map(({ value }) => history.map(value)),
]
