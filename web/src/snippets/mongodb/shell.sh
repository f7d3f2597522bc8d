mongosh '$uri' --eval 'db.runCommand({ping: 1})'
