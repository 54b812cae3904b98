"""Acting for another person 亲情代办: mandates, the check at each act, notices."""
