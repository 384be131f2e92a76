/** The map's style: sources that the picture fills, and how they are drawn. Colours follow app.css. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'

export const COLOURS = {
  space: '#070a0e',
  ocean: '#0b141d',
  land: '#1a2630',
  coast: '#34485a',
  border: '#33475a',
  graticule: '#13202c',
  member: '#6fb1e8',
  sensor: '#4fd1b0',
  flight: '#ffd166',
  launch: '#d8e2ec',
  critical: '#ff5a52',
  caution: '#fce35a',
  exercise: '#cbb2ff',
} as const

export const SOURCES = ['land', 'borders', 'graticule', 'members', 'zones', 'coverage', 'no-play'] as const
export type SourceName = (typeof SOURCES)[number]

export function style(): StyleSpecification {
  return {
    version: 8,
    projection: { type: 'globe' },
    sources: Object.fromEntries(
      SOURCES.map((name) => [name, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } }]),
    ),
    layers: [
      { id: 'ocean', type: 'background', paint: { 'background-color': COLOURS.ocean } },
      line('graticule', 'graticule', { 'line-color': COLOURS.graticule, 'line-width': 1 }),
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': COLOURS.land } },
      line('coast', 'land', { 'line-color': COLOURS.coast, 'line-width': 0.75 }),
      line('borders', 'borders', { 'line-color': COLOURS.border, 'line-width': 0.75 }),
      { id: 'members', type: 'fill', source: 'members', paint: { 'fill-color': COLOURS.member, 'fill-opacity': 0.13 } },
      line('member-coasts', 'members', { 'line-color': COLOURS.member, 'line-width': 1, 'line-opacity': 0.6 }),
      line('zones', 'zones', { 'line-color': COLOURS.member, 'line-width': 1, 'line-opacity': 0.34 }),
      {
        id: 'coverage',
        type: 'fill',
        source: 'coverage',
        // What has fallen silent sees nothing: its edge alone stays.
        filter: ['all', ['==', ['geometry-type'], 'Polygon'], ['!', ['get', 'dark']]],
        paint: { 'fill-color': COLOURS.sensor, 'fill-opacity': 0.03 },
      },
      line('coverage-edge', 'coverage', {
        'line-color': ['case', ['get', 'dark'], COLOURS.caution, COLOURS.sensor],
        'line-width': 1,
        'line-opacity': ['case', ['get', 'dark'], 0.6, 0.28],
      }),
      line('no-play', 'no-play', { 'line-color': COLOURS.exercise, 'line-width': 1.75, 'line-opacity': 0.8, 'line-dasharray': [1, 2] }),
    ],
  }
}

function line(
  id: string,
  source: SourceName,
  paint: NonNullable<Extract<LayerSpecification, { type: 'line' }>['paint']>,
): LayerSpecification {
  return { id, type: 'line', source, paint }
}
