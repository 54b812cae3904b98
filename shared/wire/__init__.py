"""What the programs say to one another, with a version: requests, manifests, scans."""
