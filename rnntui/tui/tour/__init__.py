"""The tour: five stops on the person's own screen, and the way back to where they were."""
