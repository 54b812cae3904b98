"""Recommendations 推荐: venues for one person, or for everybody alike where they want it so."""
