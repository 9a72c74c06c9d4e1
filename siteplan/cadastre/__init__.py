"""What Korean land registers mean: parcel numbers, lot numbers, land categories, areas.

Pure: texts and arrays in, values and findings out; nothing here touches disk or knows a frame.
"""
