"""The venue's reader service: sees codes and cards, decides offline, records, opens the gate.

One process serves the lanes of a venue. Each camera has a worker process that turns frames into
texts; everything else, from the decision to the staff's page, happens in the main process, which
therefore never imports OpenCV or numpy.
"""
