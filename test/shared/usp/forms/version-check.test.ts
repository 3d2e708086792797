import { expect, test } from 'vitest'
import { isOriginal, sinceOf, tooOldFor } from '../../../../shared/usp/forms/version-check.ts'

test('kinds know the version that brought them', () => {
  expect([sinceOf('Register'), sinceOf('Deregister'), sinceOf('Get')]).toEqual(['1.3', '1.3', '1.0'])
  expect([isOriginal('GetSupportedProtocol'), isOriginal('Register')]).toEqual([true, false])
})

test.each([
  [{ supportedVersions: ['1.0', '1.2', '1.1'] }, '1.2'],
  [{ supportedVersions: ['1.3'], recordVersion: '1.0' }, undefined],
  [{ supportedVersions: [], recordVersion: '1.2' }, '1.2'],
  [{ supportedVersions: ['1.10'] }, undefined],
  [{}, undefined],
])('Register to a device that told %j', (told, newest) => {
  expect(tooOldFor('Register', told)).toBe(newest)
  expect(tooOldFor('Get', told)).toBeUndefined()
})
