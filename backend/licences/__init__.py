"""Electronic licences 电子证照: seen by their holder, and by a desk that the holder lets (S26)."""
