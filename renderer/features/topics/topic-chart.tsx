/** A number of a topic over time. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { useTheme } from '../../app/theme.ts'
import { CourseChart } from '../../ui/course-chart.tsx'
import { count } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'

const wholePayload = 'the whole payload'

export function TopicChart() {
  const { topics } = useModel()
  const series = useStore(topics, (state) => state.series)
  const theme = useTheme()
  const data = useMemo(
    () => series && ([series.time.map((ms) => ms / 1000), [...series.value]] as const),
    [series],
  )
  if (!series || !data) return <div aria-busy="true" />
  const { pointers, pointer, value, looked, older } = series
  if (pointers.length === 0 && value.length === 0)
    return (
      <Empty>There is no number to draw: the payload is neither a number nor JSON with numbers in it.</Empty>
    )
  const choices = pointers.includes(pointer) ? pointers : [pointer, ...pointers]
  const name = pointer === '' ? wholePayload : pointer
  return (
    <div className="topic-chart">
      <label className="check">
        <span className="dim">Number</span>
        <select
          className="input mono"
          aria-label="Number that is drawn"
          value={pointer}
          onChange={(event) => topics.choosePointer(event.target.value)}
        >
          {choices.map((one) => (
            <option key={one} value={one}>
              {one === '' ? wholePayload : one}
            </option>
          ))}
        </select>
      </label>
      <CourseChart key={theme} label={name} data={data} />
      <p className="dim number">
        {count(value.length)} of the {older ? 'newest ' : ''}
        {count(looked)} messages have it.
      </p>
    </div>
  )
}
