/** The map and what lies on it, as one thing that is told what to show. */
import type { FeatureCollection } from 'geojson'
import { type GeoJSONSource, Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'

import type { SensorSite } from '../picture.ts'
import type { Layers } from '../watch/layers.ts'
import type { Camera, Screen } from './camera.ts'
import { type FlightLayer, sizeOf } from './flights.ts'
import { type Geography, graticule } from './geography.ts'
import type { Drawn } from './scene.ts'
import { type SourceName, style } from './style.ts'

const NONE: FeatureCollection = { type: 'FeatureCollection', features: [] }
const MAX_ZOOM = 9
const TURN_MS = 1_400

export interface Listener {
  /** The view has changed, by hand or by us. */
  readonly moved: () => void
  /** The officer took the camera. */
  readonly taken: () => void
  readonly clicked: (x: number, y: number) => void
  /** The drawing context is gone. */
  readonly lost: () => void
  readonly restored: () => void
}

/** Throws when the browser cannot draw it. */
export class GlobeMap {
  readonly #map: MapLibreMap
  readonly #flights: FlightLayer
  #screen: Screen

  static async open(container: HTMLElement, start: Camera, flights: FlightLayer, listener: Listener): Promise<GlobeMap> {
    setWorkerUrl(workerUrl)
    const map = new MapLibreMap({
      container,
      style: style(),
      center: [start.lon_deg, start.lat_deg],
      zoom: start.zoom,
      pitch: start.pitch_deg,
      maxZoom: MAX_ZOOM,
      minZoom: -1,
      maxPitch: 70,
      attributionControl: false,
      keyboard: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: true },
    })
    await map.once('load')
    return new GlobeMap(map, flights, listener)
  }

  private constructor(map: MapLibreMap, flights: FlightLayer, listener: Listener) {
    this.#map = map
    this.#screen = sizeOf(map)
    this.#flights = flights
    this.#set('graticule', {
      type: 'FeatureCollection',
      features: [{ type: 'Feature', properties: {}, geometry: graticule() }],
    })
    map.addLayer(flights)
    map.on('move', listener.moved)
    map.on('resize', () => {
      this.#screen = sizeOf(map)
      listener.moved()
    })
    for (const begun of ['dragstart', 'zoomstart', 'rotatestart', 'pitchstart'] as const) {
      map.on(begun, (event) => {
        if (event.originalEvent) listener.taken()
      })
    }
    map.on('click', ({ point }) => listener.clicked(point.x, point.y))
    map.on('webglcontextlost', listener.lost)
    map.on('webglcontextrestored', listener.restored)
  }

  get camera(): Camera {
    const { lng, lat } = this.#map.getCenter()
    return {
      lon_deg: lng,
      lat_deg: lat,
      zoom: this.#map.getZoom(),
      pitch_deg: this.#map.getPitch(),
      bearing_deg: this.#map.getBearing(),
    }
  }

  get screen(): Screen {
    return this.#screen
  }

  setGeography({ land, borders, members, zones }: Geography, hidden: Layers) {
    this.#set('land', land)
    this.#set('borders', {
      type: 'FeatureCollection',
      features: [{ type: 'Feature', properties: {}, geometry: borders }],
    })
    this.#set('members', hidden.has('territory') ? NONE : members)
    this.#set('zones', hidden.has('zones') ? NONE : zones)
  }

  /** The map cuts it into tiles anew: only for what changed. */
  setCoverage(data: FeatureCollection) {
    this.#set('coverage', data)
  }

  setNoPlay(data: FeatureCollection) {
    this.#set('no-play', data)
  }

  setFlight(drawn: readonly Drawn[], sensors: readonly SensorSite[]) {
    this.#flights.show(drawn, sensors)
  }

  turnTo({ lon_deg, lat_deg, zoom, pitch_deg, bearing_deg }: Camera, still: boolean) {
    const view = { center: [lon_deg, lat_deg] as [number, number], zoom, pitch: pitch_deg, bearing: bearing_deg }
    if (still) this.#map.jumpTo(view)
    else this.#map.easeTo({ ...view, duration: TURN_MS, essential: true })
  }

  close() {
    this.#map.remove()
  }

  #set(source: SourceName, data: FeatureCollection) {
    this.#map.getSource<GeoJSONSource>(source)?.setData(data)
  }
}
