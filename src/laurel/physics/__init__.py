"""Earth, flight and sensors: SI units, WGS84, the rotating Earth-fixed frame (ECEF) unless a name says otherwise."""
