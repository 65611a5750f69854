"""The side of the SDK that exists only inside a component: its modules import `wit_world`."""
