"""Maps: the Folium document that is drawn once and restyled many times, and the colours."""
