"""What people say to each other, in the forms that programs keep it in: chats, letters, records."""
