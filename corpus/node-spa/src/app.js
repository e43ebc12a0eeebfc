console.log("spa")
