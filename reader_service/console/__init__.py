"""The staff's page: each lane's last answer, large, in words, shape, colour and sound."""
