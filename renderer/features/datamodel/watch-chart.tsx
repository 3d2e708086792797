/** The course of a watched number. */
import { useMemo } from 'react'
import type { WatchSample } from '../../../shared/contract/watch.ts'
import { useTheme } from '../../app/theme.ts'
import { CourseChart } from '../../ui/course-chart.tsx'

export function WatchChart({ label, samples }: { label: string; samples: readonly WatchSample[] }) {
  const theme = useTheme()
  const data = useMemo(
    () => [samples.map(([time]) => time / 1000), samples.map(([, value]) => Number(value))] as const,
    [samples],
  )
  return <CourseChart key={theme} label={label} data={data} />
}
